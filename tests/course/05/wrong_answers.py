"""Answers to chapter 05's exercises that look right and are not; each checker must say so."""

WRONG = {
    # True for the table's d = 1 and d = 2 on even rings, and for nothing else.
    "ex-05-gcd": """
def how_many(n, d):
    return n * d

check_how_many(how_many)
""",
    # The inverse of a correlation: the conjugate spectrum.
    "ex-05-deblur": """
def sharpen(y, kernel):
    spectrum = torch.fft.rfft2(y) / torch.fft.rfft2(kernel).conj()
    return torch.fft.irfft2(spectrum, s=y.shape[-2:])

check_sharpen(sharpen)
""",
    # The binomial taps, which are for every second sample.
    "ex-05-three": """
check_taps([1 / 16, 4 / 16, 6 / 16, 4 / 16, 1 / 16])
""",
    # It commutes with all shifts, but its second kernel looks at the nearest pixels.
    "ex-05-dilated": """
def dense(x):
    return second(first(x).relu())

check_dense(dense)
""",
}
