using Microsoft.AspNetCore.Http;

namespace LlmObserve.Web;

/// <summary>How the engine behind the API is.</summary>
public enum EngineState
{
    /// <summary>It takes events and answers checks.</summary>
    Ready,

    /// <summary>The API answers, but its database or its grains do not.</summary>
    Impaired,

    /// <summary>The API does not answer.</summary>
    Silent,
}

/// <summary>Asks the API how it is, over its own address: what a user's program would find.</summary>
public sealed class ApiStatus : IDisposable
{
    // A person waits for the page.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly HttpClient _http;
    private readonly TimeProvider _time;

    internal ApiStatus(Uri api, TimeProvider time)
    {
        Address = api;
        _time = time;
        _http = new HttpClient { BaseAddress = api };
    }

    /// <summary>Where this process reaches the API.</summary>
    public Uri Address { get; }

    /// <summary>Where a person's program reaches it: on this machine by the name in their address bar, not by the one that this process uses.</summary>
    public string AddressFor(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new UriBuilder(Address) { Host = request.Host.Host }.Uri.GetLeftPart(UriPartial.Authority);
    }

    /// <summary>Asks now.</summary>
    public async Task<EngineState> AskAsync(CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(s_patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            using var answer = await _http.GetAsync(new Uri("/health/ready", UriKind.Relative), either.Token);
            return answer.IsSuccessStatusCode ? EngineState.Ready : EngineState.Impaired;
        }
        catch (HttpRequestException)
        {
            return EngineState.Silent;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return EngineState.Silent;
        }
    }

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();
}
