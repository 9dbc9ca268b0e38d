<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis version="3.22.0" styleCategories="Symbology|Labeling|Fields" labelsEnabled="{{ 1 if label else 0 }}">
{%- macro symbol(name, item) %}
    <symbol name="{{ name }}" type="{{ "fill" if is_surface else "marker" }}" alpha="{{ 0.65 if is_surface else 1 }}" clip_to_extent="1" force_rhr="0">
      {%- if is_surface %}
      <layer class="SimpleFill" enabled="1" pass="0" locked="0"><prop k="color" v="{{ item.rgb }},255"/><prop k="style" v="solid"/><prop k="outline_color" v="42,26,18,255"/><prop k="outline_style" v="solid"/><prop k="outline_width" v="0.4"/><prop k="outline_width_unit" v="MM"/></layer>
      {%- else %}
      <layer class="SimpleMarker" enabled="1" pass="0" locked="0"><prop k="name" v="circle"/><prop k="color" v="{{ item.rgb }},255"/><prop k="outline_color" v="35,35,35,255"/><prop k="outline_style" v="solid"/><prop k="outline_width" v="0.2"/><prop k="outline_width_unit" v="MM"/><prop k="size" v="{{ item.size }}"/><prop k="size_unit" v="MM"/></layer>
      {%- endif %}
    </symbol>
{%- endmacro %}
  {%- if column %}
  <renderer-v2 type="categorizedSymbol" attr="{{ column }}" symbollevels="0" enableorderby="0" forceraster="0">
    <categories>
      {%- for item in symbols %}
      <category value="{{ item.value if item.value is not none else "" }}" label="{{ item.label }}" symbol="{{ loop.index0 }}" render="true"/>
      {%- endfor %}
    </categories>
    <symbols>{% for item in symbols %}{{ symbol(loop.index0, item) }}{% endfor %}
    </symbols>
  </renderer-v2>
  {%- else %}
  <renderer-v2 type="singleSymbol" symbollevels="0" enableorderby="0" forceraster="0">
    <symbols>{{ symbol(0, symbols[0]) }}
    </symbols>
  </renderer-v2>
  {%- endif %}
  {%- if label %}
  <labeling type="simple">
    <settings calloutType="simple">
      <text-style fieldName="{{ label }}" isExpression="0" fontSize="9" fontSizeUnit="Point" fontWeight="75" textColor="17,17,17,255" textOpacity="1"><text-buffer bufferDraw="1" bufferSize="0.8" bufferSizeUnits="MM" bufferColor="255,255,255,255" bufferOpacity="1"/></text-style>
      <placement placement="1" centroidInside="1"/>
    </settings>
  </labeling>
  {%- endif %}
  <aliases>
    {%- for item in aliases %}
    <alias field="{{ item.name }}" name="{{ item.alias }}" index="{{ loop.index0 }}"/>
    {%- endfor %}
  </aliases>
</qgis>
