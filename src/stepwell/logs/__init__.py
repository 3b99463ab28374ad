"""Where execution logs go: files, standard output, CloudWatch Logs, behind one port; and the buffer before them."""
