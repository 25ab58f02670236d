using LlmObserve.Grains.Interfaces.Keys;
using LlmObserve.Storage.Keys;
using Orleans;
using Orleans.Runtime;

namespace LlmObserve.Grains.Keys;

/// <inheritdoc cref="IApiKeyGrain"/>
internal sealed class ApiKeyGrain(KeysStore keys, TimeProvider clock, GrainMetrics metrics) : Grain, IApiKeyGrain
{
    /// <summary>
    /// How far <c>last_used_at</c> may lag: a write a request would cost more than the figure is worth. The row is read again as often, for a
    /// change whose process died before it could say so here.
    /// </summary>
    private static readonly TimeSpan CatchUpEvery = TimeSpan.FromSeconds(30);

    private bool _exists;
    private ApiKeyGrant? _grant;
    private DateTimeOffset? _usedAt;
    private long _loadsBegun;
    private long _loaded;
    private IGrainTimer? _timer;

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
        if (_grant is not { } grant)
        {
            return Task.FromResult<ApiKeyGrant?>(null);
        }

        if (grant.ExpiresAt <= now)
        {
            // Whoever asks says that it has expired. A release that knows nothing of that finds that it opens nothing.
            return Task.FromResult<ApiKeyGrant?>(grant with { Scopes = [] });
        }

        _usedAt = now;
        _timer ??= this.RegisterGrainTimer(
            static (grain, cancellationToken) => grain.CatchUpAsync(cancellationToken),
            this,
            // Beside the requests: a database that does not answer must not keep a check waiting for it.
            new GrainTimerCreationOptions(CatchUpEvery, CatchUpEvery) { Interleave = true });
        return Task.FromResult<ApiKeyGrant?>(grant);
    }

    public async Task RefreshAsync()
    {
        try
        {
            await LoadAsync(CancellationToken.None);
        }
        catch
        {
            // Something has changed and we do not know what: the next request reads it, or is told to come back later.
            DeactivateOnIdle();
            throw;
        }
    }

    private async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        if (_usedAt is not null && _grant is not null)
        {
            await WriteLastUsedAsync(cancellationToken);
            await LoadAsync(cancellationToken);
        }
    }

    /// <summary>Of two loads that cross, the one that began later knows more.</summary>
    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        var load = ++_loadsBegun;
        var row = await keys.FindAsync(Convert.FromHexString(this.GetPrimaryKeyString()), cancellationToken);
        if (load < _loaded)
        {
            return;
        }

        _loaded = load;
        _exists = row is not null;
        _grant = row is not { RevokedAt: null }
            ? null
            : new ApiKeyGrant(row.Id, row.Account, row.User, row.Scopes, row.Prefix, row.ExpiresAt, row.AllowedIps);
    }

    private async Task WriteLastUsedAsync(CancellationToken cancellationToken)
    {
        if (_usedAt is { } at && _grant is { } grant)
        {
            await keys.TouchAsync(grant.KeyId, at, cancellationToken);
            _usedAt = _usedAt == at ? null : _usedAt;
        }
    }
}
