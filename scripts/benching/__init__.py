"""What the benchmarks share: data made up or read, measuring, drawing. No benchmark imports another one."""
