"""The parts that the configs of the bundle name, in rooms by stage; see the picture in CONTRIBUTING.md."""
