"""Places for files: a folder of this machine, a bucket that speaks S3."""
