"""What any long-running process needs: settings, lifecycle, MQTT session, schedule, logs."""
