"""What the hub does, one verb per module: receive, process, pick, deliver, watch, issue, tell."""
