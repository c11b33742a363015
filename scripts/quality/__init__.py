"""Quality control: head, brain and hemispheres are measured on the way, and judged once, at the end."""
