"""Where samples come from: Modbus devices and MQTT sensors."""
