$url = 'https://hooks.example/webhooks/whk_abc123'
$secret = if ($env:DRAGOPS_WEBHOOK_SECRET) { $env:DRAGOPS_WEBHOOK_SECRET } else { throw 'Set DRAGOPS_WEBHOOK_SECRET to the signing secret of this webhook' }
$body = '{"message": "Hello, it''s main"}'

$bytes = [Text.Encoding]::UTF8.GetBytes($body)
$hmac = [Security.Cryptography.HMACSHA256]::new([Text.Encoding]::UTF8.GetBytes($secret))
$signature = -join ($hmac.ComputeHash($bytes) | ForEach-Object { $_.ToString('x2') })
$request = @{
    Uri = $url
    Method = 'POST'
    ContentType = 'application/json'
    Headers = @{
        'X-GitHub-Event' = 'ping'
        'X-Hub-Signature-256' = "sha256=$signature"
    }
}
if ($body) { $request.Body = $bytes }
Invoke-RestMethod @request
