<?xml version="1.0" encoding="utf-8" ?>
<ogr:FeatureCollection
     gml:id="aFeatureCollection"
     xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
     xsi:schemaLocation="http://ogr.maptools.org/ sites.xsd"
     xmlns:ogr="http://ogr.maptools.org/"
     xmlns:gml="http://www.opengis.net/gml/3.2">
  <gml:boundedBy><gml:Envelope srsName="urn:ogc:def:crs:EPSG::4326"><gml:lowerCorner>21.0631 92.1234</gml:lowerCorner><gml:upperCorner>21.1215 92.1854</gml:upperCorner></gml:Envelope></gml:boundedBy>
                                                                                                                                                      
  <ogr:featureMember>
    <ogr:sites gml:id="sites.0">
      <gml:boundedBy><gml:Envelope srsName="urn:ogc:def:crs:EPSG::4326"><gml:lowerCorner>21.0712 92.1234</gml:lowerCorner><gml:upperCorner>21.0712 92.1234</gml:upperCorner></gml:Envelope></gml:boundedBy>
      <ogr:geometryProperty><gml:Point srsName="urn:ogc:def:crs:EPSG::4326" gml:id="sites.geom.0"><gml:pos>21.0712 92.1234</gml:pos></gml:Point></ogr:geometryProperty>
      <ogr:id>S1</ogr:id>
      <ogr:name>Marlowe General Hospital</ogr:name>
      <ogr:type>Hospital</ogr:type>
      <ogr:beds>120</ogr:beds>
      <ogr:capacity xsi:nil="true"/>
      <ogr:occupancy xsi:nil="true"/>
    </ogr:sites>
  </ogr:featureMember>
  <ogr:featureMember>
    <ogr:sites gml:id="sites.1">
      <gml:boundedBy><gml:Envelope srsName="urn:ogc:def:crs:EPSG::4326"><gml:lowerCorner>21.0855 92.1402</gml:lowerCorner><gml:upperCorner>21.0855 92.1402</gml:upperCorner></gml:Envelope></gml:boundedBy>
      <ogr:geometryProperty><gml:Point srsName="urn:ogc:def:crs:EPSG::4326" gml:id="sites.geom.1"><gml:pos>21.0855 92.1402</gml:pos></gml:Point></ogr:geometryProperty>
      <ogr:id>S2</ogr:id>
      <ogr:name>Quillon Clinic</ogr:name>
      <ogr:type>Health Centre</ogr:type>
      <ogr:beds xsi:nil="true"/>
      <ogr:capacity xsi:nil="true"/>
      <ogr:occupancy xsi:nil="true"/>
    </ogr:sites>
  </ogr:featureMember>
  <ogr:featureMember>
    <ogr:sites gml:id="sites.2">
      <gml:boundedBy><gml:Envelope srsName="urn:ogc:def:crs:EPSG::4326"><gml:lowerCorner>21.0631 92.1587</gml:lowerCorner><gml:upperCorner>21.0631 92.1587</gml:upperCorner></gml:Envelope></gml:boundedBy>
      <ogr:geometryProperty><gml:Point srsName="urn:ogc:def:crs:EPSG::4326" gml:id="sites.geom.2"><gml:pos>21.0631 92.1587</gml:pos></gml:Point></ogr:geometryProperty>
      <ogr:id>S3</ogr:id>
      <ogr:name>Tamsin Primary School</ogr:name>
      <ogr:type>School</ogr:type>
      <ogr:beds xsi:nil="true"/>
      <ogr:capacity>450</ogr:capacity>
      <ogr:occupancy xsi:nil="true"/>
    </ogr:sites>
  </ogr:featureMember>
  <ogr:featureMember>
    <ogr:sites gml:id="sites.3">
      <gml:boundedBy><gml:Envelope srsName="urn:ogc:def:crs:EPSG::4326"><gml:lowerCorner>21.0923 92.1699</gml:lowerCorner><gml:upperCorner>21.0923 92.1699</gml:upperCorner></gml:Envelope></gml:boundedBy>
      <ogr:geometryProperty><gml:Point srsName="urn:ogc:def:crs:EPSG::4326" gml:id="sites.geom.3"><gml:pos>21.0923 92.1699</gml:pos></gml:Point></ogr:geometryProperty>
      <ogr:id>S4</ogr:id>
      <ogr:name>Orrin Valley Academy</ogr:name>
      <ogr:type>School</ogr:type>
      <ogr:beds xsi:nil="true"/>
      <ogr:capacity xsi:nil="true"/>
      <ogr:occupancy xsi:nil="true"/>
    </ogr:sites>
  </ogr:featureMember>
  <ogr:featureMember>
    <ogr:sites gml:id="sites.4">
      <gml:boundedBy><gml:Envelope srsName="urn:ogc:def:crs:EPSG::4326"><gml:lowerCorner>21.1044 92.1316</gml:lowerCorner><gml:upperCorner>21.1044 92.1316</gml:upperCorner></gml:Envelope></gml:boundedBy>
      <ogr:geometryProperty><gml:Point srsName="urn:ogc:def:crs:EPSG::4326" gml:id="sites.geom.4"><gml:pos>21.1044 92.1316</gml:pos></gml:Point></ogr:geometryProperty>
      <ogr:id>S5</ogr:id>
      <ogr:name>Fenwick Borehole</ogr:name>
      <ogr:type>Water Point</ogr:type>
      <ogr:beds xsi:nil="true"/>
      <ogr:capacity xsi:nil="true"/>
      <ogr:occupancy xsi:nil="true"/>
    </ogr:sites>
  </ogr:featureMember>
  <ogr:featureMember>
    <ogr:sites gml:id="sites.5">
      <gml:boundedBy><gml:Envelope srsName="urn:ogc:def:crs:EPSG::4326"><gml:lowerCorner>21.0778 92.1854</gml:lowerCorner><gml:upperCorner>21.0778 92.1854</gml:upperCorner></gml:Envelope></gml:boundedBy>
      <ogr:geometryProperty><gml:Point srsName="urn:ogc:def:crs:EPSG::4326" gml:id="sites.geom.5"><gml:pos>21.0778 92.1854</gml:pos></gml:Point></ogr:geometryProperty>
      <ogr:id>S6</ogr:id>
      <ogr:name>Bracken Field Camp</ogr:name>
      <ogr:type>Displacement Site</ogr:type>
      <ogr:beds xsi:nil="true"/>
      <ogr:capacity xsi:nil="true"/>
      <ogr:occupancy>2300</ogr:occupancy>
    </ogr:sites>
  </ogr:featureMember>
  <ogr:featureMember>
    <ogr:sites gml:id="sites.6">
      <gml:boundedBy><gml:Envelope srsName="urn:ogc:def:crs:EPSG::4326"><gml:lowerCorner>21.1137 92.1521</gml:lowerCorner><gml:upperCorner>21.1137 92.1521</gml:upperCorner></gml:Envelope></gml:boundedBy>
      <ogr:geometryProperty><gml:Point srsName="urn:ogc:def:crs:EPSG::4326" gml:id="sites.geom.6"><gml:pos>21.1137 92.1521</gml:pos></gml:Point></ogr:geometryProperty>
      <ogr:id>S7</ogr:id>
      <ogr:name>Larkspur Market</ogr:name>
      <ogr:type>Food Supply</ogr:type>
      <ogr:beds xsi:nil="true"/>
      <ogr:capacity xsi:nil="true"/>
      <ogr:occupancy xsi:nil="true"/>
    </ogr:sites>
  </ogr:featureMember>
  <ogr:featureMember>
    <ogr:sites gml:id="sites.7">
      <gml:boundedBy><gml:Envelope srsName="urn:ogc:def:crs:EPSG::4326"><gml:lowerCorner>21.1215 92.1773</gml:lowerCorner><gml:upperCorner>21.1215 92.1773</gml:upperCorner></gml:Envelope></gml:boundedBy>
      <ogr:geometryProperty><gml:Point srsName="urn:ogc:def:crs:EPSG::4326" gml:id="sites.geom.7"><gml:pos>21.1215 92.1773</gml:pos></gml:Point></ogr:geometryProperty>
      <ogr:id>S8</ogr:id>
      <ogr:name>Chapel of Hollowmere</ogr:name>
      <ogr:type>Place of Worship</ogr:type>
      <ogr:beds xsi:nil="true"/>
      <ogr:capacity xsi:nil="true"/>
      <ogr:occupancy xsi:nil="true"/>
    </ogr:sites>
  </ogr:featureMember>
</ogr:FeatureCollection>
