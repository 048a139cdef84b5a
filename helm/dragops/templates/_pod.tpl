{{/* What all pods share: the restricted profile, and no token but the ones named in volumes. */}}
{{- define "dragops.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
{{- range . }}
  - name: {{ . }}
{{- end }}
{{- end }}
{{- end }}

{{/* The restricted profile of a container. */}}
{{- define "dragops.container" -}}
imagePullPolicy: {{ .Values.imagePullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end }}

{{/* Probes of a port; the argument is the port's name. Starting may take two minutes. */}}
{{- define "dragops.probes" -}}
startupProbe:
  httpGet: {path: /healthz, port: {{ . }}}
  periodSeconds: 1
  failureThreshold: 120
livenessProbe:
  httpGet: {path: /healthz, port: {{ . }}}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet: {path: /readyz, port: {{ . }}}
  periodSeconds: 2
  timeoutSeconds: 2
{{- end }}

{{/* The token for the API server, where clients look for it, as a volume. */}}
{{- define "dragops.apiServerVolume" -}}
- name: api-server
  projected:
    sources:
      - serviceAccountToken: {path: token, expirationSeconds: 3607}
      - configMap:
          name: kube-root-ca.crt
          items: [{key: ca.crt, path: ca.crt}]
      - downwardAPI:
          items: [{path: namespace, fieldRef: {fieldPath: metadata.namespace}}]
{{- end }}

{{/* A token for one of our own audiences, as a volume; the argument is its last word. */}}
{{- define "dragops.tokenVolume" -}}
- name: {{ . }}-token
  projected:
    sources:
      - serviceAccountToken: {path: token, expirationSeconds: 3600, audience: dragops-{{ . }}}
{{- end }}

{{/* Where a container finds the token for the API server. */}}
{{- define "dragops.apiServerMount" -}}
- {name: api-server, mountPath: /var/run/secrets/kubernetes.io/serviceaccount, readOnly: true}
{{- end }}

{{/* Where a container finds a token for one of our own audiences. */}}
{{- define "dragops.tokenMount" -}}
- {name: {{ . }}-token, mountPath: /var/run/dragops/{{ . }}, readOnly: true}
{{- end }}
