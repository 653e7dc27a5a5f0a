"""Pictures of figures, drawn with Pillow. What stands in them is core's affair (core/chart.py).

`bars.py` draws, `lettering.py` finds letters that can be drawn. Both load Pillow, so whoever needs a picture only now
and then imports `pictures.py`, which loads them with the first one.
"""
