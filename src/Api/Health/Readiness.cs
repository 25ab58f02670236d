using LlmObserve.Api.Http;
using LlmObserve.Domain.Users;
using LlmObserve.Grains.Interfaces.Users;
using Npgsql;
using Orleans;

namespace LlmObserve.Api.Health;

/// <summary>
/// Whether the database answers and a grain can be called. Whoever may ask without credentials may ask often, so it is found out at most once
/// in <see cref="FreshFor"/>, whoever asks.
/// </summary>
internal sealed partial class Readiness(NpgsqlDataSource database, IGrainFactory grains, TimeProvider time, ILogger<Readiness> log)
{
    private static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(1);

    /// <summary>A database that needs longer for nothing is not ready for something.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Nobody's id: its grain looks into the database, finds nothing and goes.</summary>
    private static readonly string s_nobody = new UserId(Guid.Empty).ToString();

    private readonly Lock _turn = new();
    private Task<bool>? _finding;
    private long _foundAt;

    public Task<bool> IsReadyAsync()
    {
        lock (_turn)
        {
            if (_finding is null || (_finding.IsCompleted && time.GetElapsedTime(_foundAt) >= FreshFor))
            {
                _foundAt = time.GetTimestamp();
                _finding = FindAsync();
            }

            return _finding;
        }
    }

    private async Task<bool> FindAsync()
    {
        try
        {
            using var patience = new CancellationTokenSource(Patience, time);
            await using var command = database.CreateCommand("SELECT 1");
            await command.ExecuteScalarAsync(patience.Token).WaitAsync(patience.Token);
            await grains.GetGrain<IUserGrain>(s_nobody).GetAsync().WaitAsync(patience.Token);
            return true;
        }
        catch (Exception e) when (e is OperationCanceledException || TransientFaults.IsTransient(e) || e is NpgsqlException)
        {
            LogNotReady(log, e);
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Not ready")]
    private static partial void LogNotReady(ILogger log, Exception e);
}
