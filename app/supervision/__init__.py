"""PostgreSQL, nginx, four workers, scheduler and sandbox as one foreground process."""
