// The names of the segments that the viewer holds, and the centre of the strongest one, LPS mm.
() => {
  const [segmentation] = window.services.segmentationService.getSegmentations();
  const labels = Object.values(segmentation.segments).map((segment) => segment.label);
  const sum = [0, 0, 0];
  let voxels = 0;
  for (const id of segmentation.representationData.Labelmap.imageIds) {
    const image = window.cornerstone.cache.getImage(id);
    const plane = window.cornerstone.metaData.get("imagePlaneModule", image.referencedImageId);
    const values = image.voxelManager.getScalarData();
    for (let index = 0; index < values.length; index++) {
      if (values[index] < labels.length) continue;
      const column = (index % image.columns) * plane.columnPixelSpacing;
      const row = Math.floor(index / image.columns) * plane.rowPixelSpacing;
      for (let axis = 0; axis < 3; axis++)
        sum[axis] +=
          plane.imagePositionPatient[axis] + column * plane.rowCosines[axis] + row * plane.columnCosines[axis];
      voxels++;
    }
  }
  return { labels, centre: sum.map((value) => value / voxels) };
};
