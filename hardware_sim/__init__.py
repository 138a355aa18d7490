"""Simulated battery lines: physics, equipment, Modbus servers, MQTT sensors, known truth."""
