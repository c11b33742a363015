"""Quality control: what is measured of head, brain and hemispheres, and the rules it is held against."""
