"""Modbus and MQTT sources -> samples -> store-and-forward -> broker."""
