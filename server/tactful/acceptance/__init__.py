"""The gate's models: scoring, training, calibration, replay and evaluation."""
