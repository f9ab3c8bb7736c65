"""Far ends that speak the real protocols: sipp, RTP, a second user agent, Asterisk's side of its media protocols."""
