"""The network below feeds and connectors: transports, sessions, what left and what came back, secrets.

It knows nothing of orders or books; what a failed request means for an order is `alipes.connectors.fates`.
"""
