<?xml version="1.0" encoding="UTF-8"?>
<StyledLayerDescriptor version="1.0.0" xmlns="http://www.opengis.net/sld" xmlns:ogc="http://www.opengis.net/ogc">
  <NamedLayer>
    <Name>civex</Name>
    <UserStyle>
      <Title>{{ title }}</Title>
      <FeatureTypeStyle>
        {%- for item in symbols %}
        <Rule>
          <Title>{{ item.label }}</Title>
          {%- if column %}
          <ogc:Filter>{% if item.value is none %}<ogc:PropertyIsNull><ogc:PropertyName>{{ column }}</ogc:PropertyName></ogc:PropertyIsNull>{% else %}<ogc:PropertyIsEqualTo><ogc:PropertyName>{{ column }}</ogc:PropertyName><ogc:Literal>{{ item.value }}</ogc:Literal></ogc:PropertyIsEqualTo>{% endif %}</ogc:Filter>
          {%- endif %}
          {%- if is_surface %}
          <PolygonSymbolizer>
            <Fill><CssParameter name="fill">{{ item.hex }}</CssParameter><CssParameter name="fill-opacity">0.65</CssParameter></Fill>
            <Stroke><CssParameter name="stroke">#2a1a12</CssParameter><CssParameter name="stroke-width">1.2</CssParameter></Stroke>
          </PolygonSymbolizer>
          {%- else %}
          <PointSymbolizer>
            <Graphic>
              <Mark><WellKnownName>circle</WellKnownName><Fill><CssParameter name="fill">{{ item.hex }}</CssParameter></Fill><Stroke><CssParameter name="stroke">#232323</CssParameter><CssParameter name="stroke-width">0.6</CssParameter></Stroke></Mark>
              <Size>{{ item.size * 3 }}</Size>
            </Graphic>
          </PointSymbolizer>
          {%- endif %}
        </Rule>
        {%- endfor %}
      </FeatureTypeStyle>
    </UserStyle>
  </NamedLayer>
</StyledLayerDescriptor>
