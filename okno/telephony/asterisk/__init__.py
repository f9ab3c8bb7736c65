"""The customer's Asterisk as the way to the telephone network: signalling by ARI, sound by chan_websocket or
AudioSocket.

chan_websocket (Asterisk 20.16, 21.11, 22.6, 23.0 and later) is taken where it is; AudioSocket works on all since 18.
Asterisk paces the first, we pace the second.
"""
