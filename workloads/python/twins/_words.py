# SPDX-License-Identifier: MIT
"""Words of 64 bits, and the generator of random ones that C has."""

MASK = (1 << 64) - 1


def word(number):
    """A number modulo 2^64 as eight bytes, least byte first."""
    return (number & MASK).to_bytes(8, "little")


class Random:
    """splitmix64."""

    def __init__(self, seed):
        self.state = seed & MASK

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)
