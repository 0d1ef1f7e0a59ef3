"""What we ask of Shopify's GraphQL Admin API (shopify.dev, version 2025-10)."""

from __future__ import annotations

from typing import Final

_EDIT: Final = "userErrors { field message }"

SHOP: Final = "query shop { shop { myshopifyDomain } }"
TAG: Final = (
    "mutation tagsAdd($id: ID!, $tags: [String!]!)"
    " { tagsAdd(id: $id, tags: $tags) { userErrors { field message } } }"
)
BEGIN: Final = (
    "mutation orderEditBegin($id: ID!) { orderEditBegin(id: $id) { calculatedOrder { id"
    " lineItems(first: 250) { nodes { id sku quantity variant { id } } pageInfo { hasNextPage } } }"
    f" {_EDIT} }} }}"
)
SET: Final = (
    "mutation orderEditSetQuantity($id: ID!, $line: ID!, $quantity: Int!)"
    " { orderEditSetQuantity(id: $id, lineItemId: $line, quantity: $quantity)"
    f" {{ calculatedOrder {{ id }} {_EDIT} }} }}"
)
VARIANTS: Final = (
    "query productVariants($wanted: String!)"
    " { productVariants(first: 10, query: $wanted) { nodes { id sku } } }"
)
ADD: Final = (
    "mutation orderEditAddVariant($id: ID!, $variant: ID!, $quantity: Int!)"
    " { orderEditAddVariant(id: $id, variantId: $variant, quantity: $quantity,"
    f" allowDuplicates: true) {{ calculatedOrder {{ id }} {_EDIT} }} }}"
)
COMMIT: Final = (
    "mutation orderEditCommit($id: ID!) { orderEditCommit(id: $id, notifyCustomer: false,"
    f' staffNote: "as it was picked") {{ order {{ id }} {_EDIT} }} }}'
)
PARTS: Final = (
    "query fulfillmentOrders($id: ID!)"
    " { order(id: $id) { fulfillmentOrders(first: 50) { nodes { id status } } } }"
)
FULFIL: Final = (
    "mutation fulfillmentCreate($fulfillment: FulfillmentInput!)"
    " { fulfillmentCreate(fulfillment: $fulfillment) { fulfillment { id }"
    " userErrors { field message } } }"
)
PARCELS: Final = (
    "query fulfillments($id: ID!) { order(id: $id) { fulfillments { id displayStatus } } }"
)
EVENT: Final = (
    "mutation fulfillmentEventCreate($event: FulfillmentEventInput!)"
    " { fulfillmentEventCreate(fulfillmentEvent: $event) { fulfillmentEvent { id }"
    " userErrors { field message } } }"
)
CANCELLED: Final = "query cancelled($id: ID!) { order(id: $id) { cancelledAt } }"
CANCEL: Final = (
    "mutation orderCancel($id: ID!, $reason: OrderCancelReason!, $refund: Boolean!)"
    " { orderCancel(orderId: $id, reason: $reason, refund: $refund, restock: false,"
    " notifyCustomer: false) { job { id } orderCancelUserErrors { field message } } }"
)
