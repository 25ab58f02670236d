using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Domain.Audit;
using LlmObserve.Domain.Clerk;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmObserve.Api.Clerk;

/// <summary>Takes Clerk's messages. Nothing of a message is believed, and its body is not even read, before its headers hold.</summary>
internal sealed class ClerkWebhook(ClerkNews news, StandardWebhooks webhooks, TimeProvider time) : IDisposable
{
    /// <summary>A user with all metadata that they may have takes some 40 kB.</summary>
    public const int MaxBodyBytes = 256 * 1024;

    /// <summary>Anybody may send a body; as many are read at once: 16 MB.</summary>
    public const int MaxBodiesAtOnce = 64;

    /// <summary>They take no memory but their headers. Whoever comes when so many wait is told to come back, and senders do.</summary>
    public const int MaxWaiting = 1_000;

    /// <summary>A body that trickles must not keep its place from others.</summary>
    public static readonly TimeSpan BodyTimeout = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _places = new(MaxBodiesAtOnce);
    private int _waiting;

    public void Dispose() => _places.Dispose();

    public async Task<Results<Ok<WebhookTaken>, Problem>> TakeAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var fault = webhooks.CheckHeaders(context.Request.Headers, out var headers);
        if (fault != WebhookFault.None)
        {
            return Unproved(fault);
        }

        var (body, unread) = await ReadAsync(context.Request, cancellationToken);
        return unread is not null ? unread : await TakeAsync(context, headers, body, cancellationToken);
    }

    private async Task<(ReadOnlyMemory<byte> Body, Problem? Problem)> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            if (Interlocked.Increment(ref _waiting) > MaxWaiting)
            {
                return (default, Problems.TooManyRequests("Too many messages at once; send it again in a moment.", ShedReasons.Webhooks));
            }

            await _places.WaitAsync(cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }

        using var patience = new CancellationTokenSource(BodyTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            return await SmallBody.ReadAsync(request, MaxBodyBytes, either.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return (default, Problems.OfStatus(StatusCodes.Status408RequestTimeout, request.HttpContext));
        }
        finally
        {
            _places.Release();
        }
    }

    private async Task<Results<Ok<WebhookTaken>, Problem>> TakeAsync(
        HttpContext context, WebhookHeaders headers, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var fault = webhooks.Verify(headers, body.Span);
        if (fault != WebhookFault.None)
        {
            return Unproved(fault);
        }

        var (happened, problem) = ClerkEventReader.Read(body, headers.SentMs);
        if (happened is null)
        {
            return problem!;
        }

        if (happened is not ClerkEvent.Other)
        {
            var actor = new Actor(ActorKind.Clerk, headers.Id, null, context.Ip(), context.TraceIdentifier);
            await news.ApplyAsync(happened, headers.Id, actor, cancellationToken);
        }

        return TypedResults.Ok(WebhookTaken.Instance);
    }

    private static Problem Unproved(WebhookFault fault) => new(
        StatusCodes.Status401Unauthorized,
        "invalid-signature",
        "Not signed by the sender",
        fault switch
        {
            WebhookFault.MissingHeaders => "The message needs one svix-id, one svix-timestamp and one svix-signature header.",
            WebhookFault.MalformedId => $"svix-id must be up to {StandardWebhooks.MaxIdLength} letters, digits and signs without dots.",
            WebhookFault.MalformedTimestamp => "svix-timestamp must be seconds since 1970.",
            WebhookFault.TooOld => "The message was sent more than five minutes ago; send it again with a new time.",
            WebhookFault.TooNew => "The message was sent in the future: the clocks differ by more than five minutes.",
            WebhookFault.NoSignature => "svix-signature holds no signature of version v1.",
            _ => "No signature of the message fits the signing secrets of this server.",
        });
}

/// <summary>A message was taken, now or before.</summary>
/// <param name="Status"><c>ok</c></param>
internal sealed record WebhookTaken(string Status)
{
    public static WebhookTaken Instance { get; } = new("ok");
}
