$url = 'https://hooks.example/webhooks/whk_abc123'
$secret = if ($env:DRAGOPS_WEBHOOK_SECRET) { $env:DRAGOPS_WEBHOOK_SECRET } else { throw 'Set DRAGOPS_WEBHOOK_SECRET to the signing secret of this webhook' }
$body = '{"message": "Hello, it''s main"}'

$timestamp = [DateTimeOffset]::UtcNow.ToUnixTimeSeconds().ToString()
$signed = [Text.Encoding]::UTF8.GetBytes("$timestamp.$body")
$hmac = [Security.Cryptography.HMACSHA256]::new([Text.Encoding]::UTF8.GetBytes($secret))
$signature = -join ($hmac.ComputeHash($signed) | ForEach-Object { $_.ToString('x2') })
$request = @{
    Uri = $url
    Method = 'POST'
    ContentType = 'application/json'
    Headers = @{
        'X-Webhook-Timestamp' = $timestamp
        'X-Webhook-Signature' = $signature
    }
}
if ($body) { $request.Body = [Text.Encoding]::UTF8.GetBytes($body) }
Invoke-RestMethod @request
