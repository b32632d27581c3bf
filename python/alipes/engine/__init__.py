"""The kernel, its wiring, and the driver for live and paper."""
