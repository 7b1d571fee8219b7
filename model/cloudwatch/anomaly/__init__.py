"""The model behind ANOMALY_DETECTION_BAND.

AWS does not publish its own ("Using CloudWatch anomaly detection" says what it learns: trend, and
hourly, daily and weekly patterns of up to two weeks). This one adds up patterns (`pattern.py`) and
a level that is followed (`level.py`) on a scale on which the noise is even (`scale.py`); the band
comes from what was missed out of sample (`spread.py`).
"""
