"""The parts of networks, each one class in one file under the name that recipes use. Needs torch."""
