"""`orderhub bench`: the figures we publish, as ratios within one run on one machine.

Three parts, each with hubs of its own (nginx, TLS, four workers, durable settings) on the machine
they share with the load client: `webhooks`, beside the same stack that forgets; `writes` of 120
handhelds at a fixed rate over 5,000 open orders, beside requests that ask nothing of the database;
`queue` and feed of two hubs with a thousand and a million finished orders, asked in turn, beside
the pages that each query touches, which no other load can change.
"""
