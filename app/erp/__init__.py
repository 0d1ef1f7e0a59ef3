"""Ways to ERPs: posting, dropping into a folder, a bucket or by SFTP; one module for each."""
