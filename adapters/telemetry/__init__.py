"""What operators see: metrics for Prometheus, traces for OpenTelemetry, and a site with metrics and health."""
