using LlmObserve.Storage.Postgres;
using Microsoft.Extensions.Logging.Abstractions;

namespace LlmObserve.Testing;

/// <summary>The test process's own PostgreSQL, gone with the process.</summary>
internal static class TestServer
{
    // Kept for as long as the process lives: the data goes with it.
    private static readonly TemporaryData s_data = TemporaryData.Create();

    public static Task<PrivatePostgres> StartAsync() =>
        PrivatePostgres.StartAsync(s_data.Path, TimeProvider.System, NullLogger.Instance, CancellationToken.None);
}
