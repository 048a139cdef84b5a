{{/* Labels of an object; the argument is a dict of root and the component's name. */}}
{{- define "dragops.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
app.kubernetes.io/part-of: dragops
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
{{ include "dragops.selector" . }}
{{- end }}

{{/* What a component's pods are found by; never changes between releases. */}}
{{- define "dragops.selector" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end }}

{{/* The workspace of callers whose own namespace is none. */}}
{{- define "dragops.defaultWorkspace" -}}
{{- $default := .Values.defaultWorkspace | default (first .Values.workspaces) -}}
{{- if not (has $default .Values.workspaces) -}}
{{- fail (printf "defaultWorkspace: %q is not one of workspaces" $default) -}}
{{- end -}}
{{- $default -}}
{{- end }}

{{/* The base of webhook addresses. */}}
{{- define "dragops.publicUrl" -}}
{{- .Values.publicUrl | default (printf "http://dragops-api.%s.svc:%v" .Release.Namespace .Values.api.service.port) -}}
{{- end }}
