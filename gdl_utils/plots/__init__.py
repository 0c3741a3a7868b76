"""Pictures: one style, figures on grids, live figures, surfaces in 3D.

matplotlib, pyvista and Pillow are imported inside the functions that draw, so that importing this
package needs none of them.
"""
