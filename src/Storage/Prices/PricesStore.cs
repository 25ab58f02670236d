using System.Globalization;
using LlmObserve.Domain.Audit;
using LlmObserve.Storage.Audit;
using Npgsql;

namespace LlmObserve.Storage.Prices;

/// <summary>A stored price book.</summary>
public sealed record PriceBookRow(int Version, string Book, string Note, DateTimeOffset CreatedAt);

/// <summary>Versions of the price book: each import makes a new one, none ever changes.</summary>
public sealed class PricesStore(NpgsqlDataSource database)
{
    /// <summary>The newest book, or null before the first.</summary>
    public async Task<PriceBookRow?> GetLatestAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "SELECT version, book, note, created_at FROM price_books ORDER BY version DESC LIMIT 1");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new PriceBookRow(reader.GetInt32(0), reader.GetString(1), reader.GetString(2), reader.GetFieldValue<DateTimeOffset>(3))
            : null;
    }

    /// <summary>The newest version's number, 0 before the first: cheap enough to ask often.</summary>
    public async Task<int> GetLatestVersionAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("SELECT coalesce(max(version), 0) FROM price_books");
        return (int)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Stores a book as this version and tells the audit log; false where another process has stored that version already.</summary>
    public async Task<bool> InsertAsync(PriceBookRow row, Actor by, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand();
        command.Parameters.Add(new() { Value = row.Version });
        command.Parameters.Add(new() { Value = row.Book });
        command.Parameters.Add(new() { Value = row.Note });
        command.Parameters.Add(new() { Value = row.CreatedAt });
        var version = row.Version.ToString(CultureInfo.InvariantCulture);
        var audit = new AuditEntry(null, row.CreatedAt, by, AuditActions.PricesImported, new AuditObject("prices", version, row.Note));
        command.CommandText =
            $"""
            WITH done AS (
              INSERT INTO price_books (version, book, note, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT (version) DO NOTHING RETURNING 1)
            {AuditStore.With(command.Parameters, audit)} SELECT 1 FROM done
            """;
        return await command.ExecuteScalarAsync(cancellationToken) is not null;
    }
}
