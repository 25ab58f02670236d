using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Holds;
using LlmObserve.Domain.Money;
using LlmObserve.Storage.RowSecurity;
using Npgsql;
using NpgsqlTypes;

namespace LlmObserve.Storage.Holds;

/// <summary>
/// What is durable of an account's holds: the ceilings under which an activation holds them, and the holds that it leaves when it goes to
/// sleep. A write carries the epoch of the account's writer, and is refused where that is over.
/// </summary>
public sealed class HoldsStore(NpgsqlDataSource database)
{
    /// <summary>Of the latest write of ceilings; an activation lives in one process.</summary>
    private long _revision;

    /// <summary>
    /// Ceilings of other activations that still count, a row each, and all stored holds. To be read after the account's epoch was taken: then no
    /// earlier activation writes any more.
    /// </summary>
    public async Task<LoadedHolds> LoadAsync(AccountId account, Guid activation, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var read = new AccountRead(database, account);
        read.Add(new NpgsqlBatchCommand(HoldsSql.LoadCeilings)
        {
            Parameters = { new() { Value = account.Value }, new() { Value = activation }, Parameters.Instant(now) },
        });
        read.Add(HoldsSql.LoadHolds).Add(new() { Value = account.Value });
        await using var reader = await read.ExecuteReaderAsync(cancellationToken);
        List<CapCeiling> ceilings = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            ceilings.Add(new(new CapId(reader.GetGuid(0)), new Usd(reader.GetInt64(1)), reader.GetFieldValue<DateTimeOffset>(2)));
        }

        await reader.NextResultAsync(cancellationToken);
        List<StoredHold> holds = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            holds.Add(FromRow(reader));
        }

        return new LoadedHolds(ceilings, holds);
    }

    /// <summary>
    /// Replaces ceilings of this activation, up or down; zero ends one. What is of a cap that was deleted is left out. Ceilings of other
    /// activations whose time is over go.
    /// </summary>
    /// <param name="account">The account.</param>
    /// <param name="epoch">Of its writer.</param>
    /// <param name="activation">Whose ceilings they are.</param>
    /// <param name="ceilings">Each cap once; those that are not named stay as they are.</param>
    /// <param name="now">Before it the time of others is over.</param>
    /// <param name="cancellationToken">Ends the wait; whether it was written is then open.</param>
    /// <returns>False where the epoch is over: nothing was written.</returns>
    public async Task<bool> WriteCeilingsAsync(
        AccountId account, long epoch, Guid activation, IReadOnlyCollection<CapCeiling> ceilings, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = Write(HoldsSql.WriteCeilings, account, epoch, activation);
        AddCeilings(command.Parameters, ceilings);
        command.Parameters.Add(Parameters.Instant(now));
        return await IsWrittenAsync(command, cancellationToken);
    }

    /// <summary>Makes the stored holds this activation's: they go from the database, and these ceilings cover them from now on.</summary>
    /// <returns>False where the epoch is over: nothing was written.</returns>
    public async Task<bool> AdoptAsync(
        AccountId account, long epoch, Guid activation, IReadOnlyCollection<CapCeiling> ceilings, CancellationToken cancellationToken)
    {
        await using var command = Write(HoldsSql.Adopt, account, epoch, activation);
        AddCeilings(command.Parameters, ceilings);
        return await IsWrittenAsync(command, cancellationToken);
    }

    /// <summary>Leaves the open holds for the next activation, in place of this one's ceilings.</summary>
    /// <returns>False where the epoch is over: nothing was written.</returns>
    public async Task<bool> StoreAsync(
        AccountId account, long epoch, Guid activation, IReadOnlyCollection<StoredHold> holds, CancellationToken cancellationToken)
    {
        await using var command = Write(HoldsSql.Store, account, epoch, activation);
        command.Parameters.Add(new() { Value = holds.Select(hold => hold.Id.Value).ToArray() });
        command.Parameters.Add(Texts(holds, hold => hold.Labels.Provider));
        command.Parameters.Add(Texts(holds, hold => hold.Labels.Model));
        command.Parameters.Add(Texts(holds, hold => hold.Labels.Agent));
        command.Parameters.Add(Texts(holds, hold => hold.Labels.CustomerId));
        command.Parameters.Add(new() { Value = holds.Select(hold => hold.Amount.Nanos).ToArray() });
        command.Parameters.Add(Instants(holds.Select(hold => hold.GrantedAt)));
        command.Parameters.Add(Instants(holds.Select(hold => hold.ExpiresAt)));
        command.Parameters.Add(Texts(holds, hold => hold.IdempotencyKey));
        command.Parameters.Add(Texts(holds, hold => hold.Digest));
        command.Parameters.Add(Texts(holds, hold => hold.SettlingEvent));
        return await IsWrittenAsync(command, cancellationToken);
    }

    /// <summary>What calls cost above their holds, in periods that began at <paramref name="since"/> or later.</summary>
    public async Task<IReadOnlyList<StoredOverrun>> LoadOverrunsAsync(AccountId account, DateTimeOffset since, CancellationToken cancellationToken)
    {
        await using var read = new AccountRead(database, account);
        read.Add(new NpgsqlBatchCommand(HoldsSql.LoadOverruns) { Parameters = { new() { Value = account.Value }, Parameters.Instant(since) } });
        await using var reader = await read.ExecuteReaderAsync(cancellationToken);
        List<StoredOverrun> overruns = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            overruns.Add(new(new CapId(reader.GetGuid(0)), reader.GetFieldValue<DateTimeOffset>(1), new Usd(reader.GetInt64(2))));
        }

        return overruns;
    }

    private NpgsqlCommand Write(string sql, AccountId account, long epoch, Guid activation)
    {
        var command = database.CreateCommand(sql);
        command.Parameters.Add(new() { Value = account.Value });
        command.Parameters.Add(new() { Value = epoch });
        command.Parameters.Add(new() { Value = activation });
        return command;
    }

    private static async Task<bool> IsWrittenAsync(NpgsqlCommand command, CancellationToken cancellationToken) =>
        (bool)(await command.ExecuteScalarAsync(cancellationToken))!;

    private void AddCeilings(NpgsqlParameterCollection parameters, IReadOnlyCollection<CapCeiling> ceilings)
    {
        parameters.Add(new() { Value = ceilings.Select(ceiling => ceiling.Cap.Value).ToArray() });
        parameters.Add(new() { Value = ceilings.Select(ceiling => ceiling.Amount.Nanos).ToArray() });
        parameters.Add(Instants(ceilings.Select(ceiling => RoundUp(ceiling.Until))));
        parameters.Add(new() { Value = Interlocked.Increment(ref _revision) });
    }

    /// <summary>The database keeps microseconds, and a ceiling must not end before a hold under it.</summary>
    private static DateTimeOffset RoundUp(DateTimeOffset until)
    {
        var rest = until.Ticks % TimeSpan.TicksPerMicrosecond;
        return rest == 0 ? until : until.AddTicks(TimeSpan.TicksPerMicrosecond - rest);
    }

    private static NpgsqlParameter Texts(IEnumerable<StoredHold> holds, Func<StoredHold, string?> read) => new()
    {
        Value = holds.Select(read).ToArray(),
        NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text,
    };

    private static NpgsqlParameter Instants(IEnumerable<DateTimeOffset> instants) => new()
    {
        Value = instants.Select(instant => instant.UtcDateTime).ToArray(),
        NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz,
    };

    private static StoredHold FromRow(NpgsqlDataReader reader) => new(
        new HoldId(reader.GetGuid(0)),
        new CallLabels(reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.GetString(4)),
        new Usd(reader.GetInt64(5)),
        reader.GetFieldValue<DateTimeOffset>(6),
        reader.GetFieldValue<DateTimeOffset>(7),
        TextOrNull(reader, 8),
        TextOrNull(reader, 9),
        TextOrNull(reader, 10));

    private static string? TextOrNull(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}
