"""A stand-in of a store that speaks S3: buckets, signed requests, refusals in XML."""
