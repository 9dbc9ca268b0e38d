<?xml version="1.0" encoding="utf-8" ?>
<ogr:FeatureCollection
     gml:id="aFeatureCollection"
     xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
     xsi:schemaLocation="http://ogr.maptools.org/ areas.xsd"
     xmlns:ogr="http://ogr.maptools.org/"
     xmlns:gml="http://www.opengis.net/gml/3.2">
  <gml:boundedBy><gml:Envelope srsName="urn:ogc:def:crs:EPSG::4326"><gml:lowerCorner>21.05 92.105</gml:lowerCorner><gml:upperCorner>21.13 92.2</gml:upperCorner></gml:Envelope></gml:boundedBy>
                                                                                                                                                              
  <ogr:featureMember>
    <ogr:areas gml:id="areas.0">
      <gml:boundedBy><gml:Envelope srsName="urn:ogc:def:crs:EPSG::4326"><gml:lowerCorner>21.05 92.105</gml:lowerCorner><gml:upperCorner>21.1 92.165</gml:upperCorner></gml:Envelope></gml:boundedBy>
      <ogr:geometryProperty><gml:Polygon srsName="urn:ogc:def:crs:EPSG::4326" gml:id="areas.geom.0"><gml:exterior><gml:LinearRing><gml:posList>21.05 92.11 21.055 92.15 21.08 92.165 21.1 92.14 21.09 92.105 21.05 92.11</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></ogr:geometryProperty>
      <ogr:id>A-1</ogr:id>
      <ogr:name>Marlowe cordon</ogr:name>
      <ogr:coa>A</ogr:coa>
      <ogr:phase>1-cordon</ogr:phase>
      <ogr:start>2026-03-01T06:00:00Z</ogr:start>
      <ogr:end>2026-03-01T18:00:00Z</ogr:end>
    </ogr:areas>
  </ogr:featureMember>
  <ogr:featureMember>
    <ogr:areas gml:id="areas.1">
      <gml:boundedBy><gml:Envelope srsName="urn:ogc:def:crs:EPSG::4326"><gml:lowerCorner>21.085 92.16</gml:lowerCorner><gml:upperCorner>21.13 92.195</gml:upperCorner></gml:Envelope></gml:boundedBy>
      <ogr:geometryProperty><gml:Polygon srsName="urn:ogc:def:crs:EPSG::4326" gml:id="areas.geom.1"><gml:exterior><gml:LinearRing><gml:posList>21.085 92.16 21.085 92.195 21.13 92.195 21.13 92.16 21.085 92.16</gml:posList></gml:LinearRing></gml:exterior><gml:interior><gml:LinearRing><gml:posList>21.1 92.17 21.115 92.17 21.115 92.185 21.1 92.185 21.1 92.17</gml:posList></gml:LinearRing></gml:interior></gml:Polygon></ogr:geometryProperty>
      <ogr:id>A-2</ogr:id>
      <ogr:name>Orrin relief ground</ogr:name>
      <ogr:coa>A</ogr:coa>
      <ogr:phase>2-relief</ogr:phase>
      <ogr:start>2026-03-02T06:00:00Z</ogr:start>
      <ogr:end>2026-03-03T18:00:00Z</ogr:end>
    </ogr:areas>
  </ogr:featureMember>
  <ogr:featureMember>
    <ogr:areas gml:id="areas.2">
      <gml:boundedBy><gml:Envelope srsName="urn:ogc:def:crs:EPSG::4326"><gml:lowerCorner>21.095 92.12</gml:lowerCorner><gml:upperCorner>21.12 92.16</gml:upperCorner></gml:Envelope></gml:boundedBy>
      <ogr:geometryProperty><gml:MultiSurface srsName="urn:ogc:def:crs:EPSG::4326" gml:id="areas.geom.2"><gml:surfaceMember><gml:Polygon gml:id="areas.geom.2.0"><gml:exterior><gml:LinearRing><gml:posList>21.095 92.12 21.095 92.14 21.115 92.14 21.115 92.12 21.095 92.12</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></gml:surfaceMember><gml:surfaceMember><gml:Polygon gml:id="areas.geom.2.1"><gml:exterior><gml:LinearRing><gml:posList>21.105 92.145 21.11 92.16 21.12 92.15 21.105 92.145</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></gml:surfaceMember></gml:MultiSurface></ogr:geometryProperty>
      <ogr:id>B-1</ogr:id>
      <ogr:name>Fenwick and Larkspur</ogr:name>
      <ogr:coa>B</ogr:coa>
      <ogr:phase>1-cordon</ogr:phase>
      <ogr:start>2026-03-01T06:00:00Z</ogr:start>
      <ogr:end>2026-03-01T18:00:00Z</ogr:end>
    </ogr:areas>
  </ogr:featureMember>
  <ogr:featureMember>
    <ogr:areas gml:id="areas.3">
      <gml:boundedBy><gml:Envelope srsName="urn:ogc:def:crs:EPSG::4326"><gml:lowerCorner>21.05 92.15</gml:lowerCorner><gml:upperCorner>21.09 92.2</gml:upperCorner></gml:Envelope></gml:boundedBy>
      <ogr:geometryProperty><gml:Polygon srsName="urn:ogc:def:crs:EPSG::4326" gml:id="areas.geom.3"><gml:exterior><gml:LinearRing><gml:posList>21.05 92.15 21.06 92.2 21.09 92.19 21.05 92.15</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></ogr:geometryProperty>
      <ogr:id>B-2</ogr:id>
      <ogr:name>Zelkova kvarter Ø</ogr:name>
      <ogr:coa>B</ogr:coa>
      <ogr:phase>2-relief</ogr:phase>
      <ogr:start>2026-03-02T06:00:00Z</ogr:start>
      <ogr:end>2026-03-03T18:00:00Z</ogr:end>
    </ogr:areas>
  </ogr:featureMember>
</ogr:FeatureCollection>
