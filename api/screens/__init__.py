"""Web screens: pure functions make the HTML, NiceGUI delivers what changed."""
