{{- /* What the pods of the proxy and of the API have in common; each is given the values of its own where they differ. */ -}}

{{- define "endcap.image" -}}
{{ with .Values.image }}{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}{{ end }}
{{- end }}

{{- define "endcap.podSecurity" -}}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile: {type: RuntimeDefault}
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end }}

{{- define "endcap.probes" -}}
# Live is not ready: a pod is ended where it is stuck, not where the cluster does not answer.
startupProbe:
  httpGet: {path: /live, port: health}
  periodSeconds: 1
  failureThreshold: 60
readinessProbe:
  httpGet: {path: /ready, port: health}
  periodSeconds: 2
  timeoutSeconds: 2
  failureThreshold: 2
livenessProbe:
  httpGet: {path: /live, port: health}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 3
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end }}

{{- /* Of (dict "root" $ "selector" "..."): where pods may run. */ -}}
{{- define "endcap.placement" -}}
{{- $selector := .selector }}
topologySpreadConstraints:
  {{- with .root.Values.topologySpreadConstraints }}
  {{- toYaml . | nindent 2 }}
  {{- else }}
  {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- $selector | nindent 8 }}
  {{- end }}
  {{- end }}
{{- with .root.Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- /* Of (dict "root" $ "name" "..." "labels" "..." "selector" "..." "values" ...): scaling, and how many may be missing. */ -}}
{{- define "endcap.scaling" -}}
{{- if .values.autoscaling.enabled }}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- .labels | nindent 4 }}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: {{ .name }}}
  minReplicas: {{ .values.autoscaling.minReplicas }}
  maxReplicas: {{ .values.autoscaling.maxReplicas }}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target: {type: Utilization, averageUtilization: {{ .values.autoscaling.targetCPUUtilizationPercentage }}}
  behavior:
    scaleDown: {stabilizationWindowSeconds: 300}
{{- end }}
{{- if .values.podDisruptionBudget.enabled }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- .labels | nindent 4 }}
spec:
  maxUnavailable: {{ .values.podDisruptionBudget.maxUnavailable }}
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels: {{- .selector | nindent 6 }}
{{- end }}
{{- end }}

{{- /* Of the same, with "health" for its port: what Prometheus asks. */ -}}
{{- define "endcap.healthService" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ .name }}-health
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- .labels | nindent 4 }}
    endcap/port: health
spec:
  clusterIP: None
  publishNotReadyAddresses: true
  selector: {{- .selector | nindent 4 }}
  ports:
    - {name: health, port: {{ .health }}, targetPort: health}
{{- end }}

{{- define "endcap.monitor" -}}
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  name: {{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- .labels | nindent 4 }}
    {{- with .root.Values.serviceMonitor.labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  selector:
    matchLabels:
      {{- .selector | nindent 6 }}
      endcap/port: health
  endpoints:
    - port: health
      path: /metrics
      interval: {{ .root.Values.serviceMonitor.interval }}
{{- end }}

{{- /* Each server's own words for these templates. */ -}}
{{- define "endcap.proxy.parts" -}}
name: {{ include "endcap.name" . }}
labels: |
  {{- include "endcap.labels" . | nindent 2 }}
selector: |
  {{- include "endcap.selector" . | nindent 2 }}
health: 9290
{{- end }}

{{- define "endcap.api.parts" -}}
name: {{ include "endcap.api.name" . }}
labels: |
  {{- include "endcap.api.labels" . | nindent 2 }}
selector: |
  {{- include "endcap.api.selector" . | nindent 2 }}
health: 9390
{{- end }}
