{{- define "endcap.name" -}}
{{- $name := ternary .Release.Name (printf "%s-endcap" .Release.Name) (contains "endcap" .Release.Name) }}
{{- /* room for "-api-health", in the 63 characters of a Service's name */ -}}
{{- $name | trunc 52 | trimSuffix "-" }}
{{- end }}

{{- define "endcap.selector" -}}
app.kubernetes.io/name: endcap
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "endcap.api.name" -}}
{{ include "endcap.name" . }}-api
{{- end }}

{{- /* A name label of its own, so that no Service of the proxy's leads to the API's pods. */ -}}
{{- define "endcap.api.selector" -}}
app.kubernetes.io/name: endcap-api
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "endcap.labels" -}}
{{ include "endcap.selector" . }}
{{ include "endcap.common" . }}
{{- end }}

{{- define "endcap.api.labels" -}}
{{ include "endcap.api.selector" . }}
{{ include "endcap.common" . }}
{{- end }}

{{- define "endcap.common" -}}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- /* The engine's port: that of its address, else that of its scheme. */ -}}
{{- define "endcap.enginePort" -}}
{{- $url := urlParse .Values.opensearch.url }}
{{- $port := regexFind ":[0-9]+$" $url.host | trimPrefix ":" }}
{{- $port | default (ternary "443" "80" (eq $url.scheme "https")) }}
{{- end }}
