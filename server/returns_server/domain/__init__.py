"""What a return is and may become: pure rules over plain values, without I/O, clock or framework."""
