using LlmObserve.Grains.Interfaces.Keys;
using LlmObserve.Storage.Keys;
using Orleans;
using Orleans.Runtime;

namespace LlmObserve.Grains.Keys;

/// <inheritdoc cref="IApiKeyGrain"/>
internal sealed class ApiKeyGrain(KeysStore keys, TimeProvider clock, GrainMetrics metrics) : Grain, IApiKeyGrain
{
    /// <summary>How far <c>last_used_at</c> may lag: a write a request would cost more than the figure is worth.</summary>
    private static readonly TimeSpan WriteLastUsedEvery = TimeSpan.FromSeconds(30);

    private bool _exists;
    private ApiKeyGrant? _grant;
    private DateTimeOffset? _expiresAt;
    private DateTimeOffset? _usedAt;
    private IGrainTimer? _writer;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await LoadAsync(cancellationToken);
        metrics.Activated("api_key");
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        metrics.Deactivated("api_key");
        return WriteLastUsedAsync(cancellationToken);
    }

    public Task<ApiKeyGrant?> ResolveAsync()
    {
        if (!_exists)
        {
            // Nobody's key: do not stay in memory for every string that somebody tries. Not while activating: the call would never arrive.
            DeactivateOnIdle();
        }

        var now = clock.GetUtcNow();
        if (_grant is null || _expiresAt <= now)
        {
            return Task.FromResult<ApiKeyGrant?>(null);
        }

        _usedAt = now;
        _writer ??= this.RegisterGrainTimer(
            static (grain, cancellationToken) => grain.WriteLastUsedAsync(cancellationToken),
            this,
            // Beside the requests: a database that does not answer must not keep a check waiting for it.
            new GrainTimerCreationOptions(WriteLastUsedEvery, WriteLastUsedEvery) { Interleave = true });
        return Task.FromResult<ApiKeyGrant?>(_grant);
    }

    public Task RefreshAsync() => LoadAsync(CancellationToken.None);

    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        var row = await keys.FindAsync(Convert.FromHexString(this.GetPrimaryKeyString()), cancellationToken);
        _grant = row is { RevokedAt: null } ? new ApiKeyGrant(row.Id, row.Account, row.User, row.Scopes, row.Prefix) : null;
        _expiresAt = row?.ExpiresAt;
        _exists = row is not null;
    }

    private async Task WriteLastUsedAsync(CancellationToken cancellationToken)
    {
        if (_usedAt is { } at && _grant is { } grant)
        {
            _usedAt = null;
            await keys.TouchAsync(grant.KeyId, at, cancellationToken);
        }
    }
}
