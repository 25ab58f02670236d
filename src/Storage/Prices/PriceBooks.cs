using System.Diagnostics.Metrics;
using System.Text;
using LlmObserve.Domain.Audit;
using LlmObserve.Domain.Prices;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace LlmObserve.Storage.Prices;

/// <summary>
/// The price book in effect on this node. The first start of a database stores the book that comes with the program; a newer version,
/// whichever process stored it, is in effect here within <see cref="RefreshEvery"/>.
/// </summary>
/// <param name="store">Where they are kept.</param>
/// <param name="time">When a newer one is looked for.</param>
/// <param name="logger">Hears of every change.</param>
/// <param name="meters">Hears which version is in effect; null where nobody measures.</param>
public sealed partial class PriceBooks(PricesStore store, TimeProvider time, ILogger<PriceBooks> logger, IMeterFactory? meters = null)
{
    /// <summary>How long a node may still price by the book before: each look is one cheap query.</summary>
    public static readonly TimeSpan RefreshEvery = TimeSpan.FromSeconds(2);

    private readonly Gauge<int>? _version = meters?.Create(StorageServices.MeterName)
        .CreateGauge<int>("llmobserve.prices.version", "{version}", "The version of the price book in effect");

    private PriceBook? _current;

    /// <summary>The book to price by now. Take it once for a request, so that all its events are priced alike.</summary>
    /// <exception cref="InvalidOperationException">Asked before <see cref="LoadAsync"/>.</exception>
    public PriceBook Current => Volatile.Read(ref _current) ?? throw new InvalidOperationException("The price book has not been loaded.");

    /// <summary>Loads the newest book, storing the shipped one first where there is none.</summary>
    /// <exception cref="NpgsqlException">The database cannot be reached.</exception>
    /// <exception cref="PriceBookFormatException">The stored book cannot be read: a newer program wrote it.</exception>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        if (await store.GetLatestVersionAsync(cancellationToken) == 0)
        {
            var shipped = new PriceBookRow(
                ShippedPriceBook.Version, Encoding.UTF8.GetString(ShippedPriceBook.Json()), "shipped with the program", time.GetUtcNow());
            // Another process that starts at the same time stores the same.
            await store.InsertAsync(shipped, Actor.System, cancellationToken);
        }

        await TakeLatestAsync(cancellationToken);
    }

    /// <summary>Takes over newer versions until it is cancelled. While the database is away, the book at hand stays.</summary>
    public async Task RefreshUntilCancelledAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(RefreshEvery, time);
        var failing = false;
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            try
            {
                await RefreshAsync(cancellationToken);
                failing = false;
            }
            catch (Exception failed) when (failed is NpgsqlException or PriceBookFormatException or TimeoutException)
            {
                // Said once, not at every look.
                if (!failing)
                {
                    LogFailed(Current.Version, failed);
                }

                failing = true;
            }
        }
    }

    /// <summary>Takes over a newer version where there is one.</summary>
    /// <exception cref="NpgsqlException">The database cannot be reached.</exception>
    /// <exception cref="PriceBookFormatException">The stored book cannot be read: a newer program wrote it.</exception>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        if (await store.GetLatestVersionAsync(cancellationToken) != Current.Version)
        {
            await TakeLatestAsync(cancellationToken);
            LogTaken(Current.Version, Current.Entries.Length);
        }
    }

    private async Task TakeLatestAsync(CancellationToken cancellationToken)
    {
        var row = await store.GetLatestAsync(cancellationToken) ?? throw new InvalidOperationException("The database holds no price book.");
        Volatile.Write(ref _current, PriceBookJson.Read(Encoding.UTF8.GetBytes(row.Book), row.Version));
        _version?.Record(row.Version);
    }

    [LoggerMessage(LogLevel.Information, "Price book {Version} is in effect: {Entries} entries")]
    private partial void LogTaken(int version, int entries);

    [LoggerMessage(LogLevel.Warning, "No newer price book can be read; version {Version} stays in effect")]
    private partial void LogFailed(int version, Exception failed);
}
