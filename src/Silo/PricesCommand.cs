using System.CommandLine;
using System.Text;
using LlmObserve.Domain.Audit;
using LlmObserve.Domain.Prices;
using LlmObserve.Domain.Prices.Import;
using LlmObserve.Storage.Postgres;
using LlmObserve.Storage.Prices;
using Npgsql;

namespace LlmObserve.Silo;

/// <summary><c>prices import FILE</c> and <c>prices build-book FILE OUTPUT</c>.</summary>
internal static class PricesCommand
{
    public static Command Create(Option<string> data)
    {
        var file = new Argument<FileInfo>("FILE") { Description = "A price list in the public genai-prices format (v2)" };
        var asOf = new Option<DateOnly?>("--as-of") { Description = "The day of the list, as 2026-08-01 [default: today]" };

        var import = new Command("import", "Read a public price list into the price book; running servers take it over by themselves")
        {
            file, asOf, data,
        };
        import.SetAction((result, cancellationToken) => GuardAsync(() => ImportAsync(
            result.GetRequiredValue(file), Day(result.GetValue(asOf)), result.GetRequiredValue(data), cancellationToken)));

        var output = new Argument<FileInfo>("OUTPUT") { Description = "The book to write" };
        var build = new Command("build-book", "Make the book that comes with the program, for a release") { file, output, asOf };
        build.SetAction((result, cancellationToken) => GuardAsync(() => BuildAsync(
            result.GetRequiredValue(file), result.GetRequiredValue(output), Day(result.GetValue(asOf)), cancellationToken)));

        return new Command("prices", "The price book") { import, build };
    }

    private static DateOnly Day(DateOnly? asOf) => asOf ?? DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);

    private static async Task<int> ImportAsync(FileInfo file, DateOnly asOf, string data, CancellationToken cancellationToken)
    {
        var list = await ReadAsync(file, cancellationToken);
        using var logging = LoggerFactory.Create(builder => Listener.ConfigureLogging(builder, new ConfigurationManager()));
        await using var postgres = await StartPostgresAsync(data, logging, cancellationToken);
        var connectionString = Database.Configured
            ?? postgres?.ConnectionString
            ?? await PrivatePostgres.FindRunningAsync(data, cancellationToken)
            ?? throw new StartFailedException("The server on this data directory is just starting or stopping. Try again.");
        await using var database = Database.Open(connectionString);
        await Database.PrepareAsync(database, logging, cancellationToken);

        var store = new PricesStore(database);
        var books = new PriceBooks(store, TimeProvider.System, logging.CreateLogger<PriceBooks>());
        while (true)
        {
            await books.LoadAsync(cancellationToken);
            var import = GenAiPricesImport.Read(list, books.Current, asOf);
            if (!import.Report.HasChanges)
            {
                import.Report.WriteTo(Console.Out);
                await Console.Out.WriteLineAsync($"Price book {books.Current.Version} stays in effect.");
                return import.Report.Faults.IsEmpty ? 0 : 1;
            }

            var row = new PriceBookRow(
                import.Book.Version, Encoding.UTF8.GetString(PriceBookJson.Write(import.Book)), $"import of {file.Name}", TimeProvider.System.GetUtcNow());
            if (await store.InsertAsync(row, new Actor(ActorKind.Operator, null, Environment.UserName, null, null), cancellationToken))
            {
                import.Report.WriteTo(Console.Out);
                await Console.Out.WriteLineAsync(
                    $"Price book {row.Version} is in effect; running servers have it within {PriceBooks.RefreshEvery.TotalSeconds:0} seconds.");
                return 0;
            }

            // Somebody else's import came between: this one starts again from theirs.
        }
    }

    private static async Task<int> BuildAsync(FileInfo file, FileInfo output, DateOnly asOf, CancellationToken cancellationToken)
    {
        var (json, report) = ShippedPriceBook.Build(await ReadAsync(file, cancellationToken), asOf);
        report.WriteTo(Console.Out);
        await File.WriteAllBytesAsync(output.FullName, json, cancellationToken);
        return report.Faults.IsEmpty ? 0 : 1;
    }

    // Null where another database is configured, or a running server has this one open.
    private static async Task<PrivatePostgres?> StartPostgresAsync(string data, ILoggerFactory logging, CancellationToken cancellationToken)
    {
        if (Database.Configured is not null)
        {
            return null;
        }

        try
        {
            return await PrivatePostgres.StartAsync(data, TimeProvider.System, logging.CreateLogger<PrivatePostgres>(), cancellationToken);
        }
        catch (DataDirectoryInUseException)
        {
            return null;
        }
    }

    private static async Task<byte[]> ReadAsync(FileInfo file, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllBytesAsync(file.FullName, cancellationToken);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new StartFailedException($"{file.FullName} cannot be read: {failed.Message}", failed);
        }
    }

    private static async Task<int> GuardAsync(Func<Task<int>> action)
    {
        try
        {
            return await action();
        }
        catch (Exception failed) when (failed is StartFailedException or PrivatePostgresException)
        {
            await Console.Error.WriteLineAsync(failed.Message);
            return 1;
        }
    }
}
