using LlmObserve.Grains;
using LlmObserve.LocalOrleans;
using Npgsql;
using Orleans.Storage;

namespace LlmObserve.Silo.Engines;

/// <summary>The in-process engine: grains run in the one process that there is.</summary>
internal static class GrainHosting
{
    /// <summary>Whether processes share grains.</summary>
    public static bool IsCluster => false;

    /// <summary>Makes sure that the roles can be had.</summary>
    /// <exception cref="StartFailedException">They cannot: the message says why.</exception>
    public static void Require(ServerRoles roles)
    {
        if (roles.HasFlag(ServerRoles.Silo) != roles.HasFlag(ServerRoles.Api))
        {
            throw new StartFailedException(
                "This build runs grains in the process that answers HTTP: silo and api go together. "
                + "To run them apart, build with -p:Engine=Orleans (docs/operations.md).");
        }
    }

    /// <summary>Adds the engine with the grains.</summary>
    public static void AddSilo(IHostApplicationBuilder builder, string connectionString, ClusterEndpoint endpoint)
    {
        builder.Services.AddSingleton<IGrainStorage, DatabaseGrainStorage>();
        builder.Services.AddLocalOrleans(options => options.GrainAssemblies.Add(typeof(GrainsServices).Assembly));
    }

    /// <summary>Nothing stands in its way.</summary>
    public static Task PrepareSiloAsync(IServiceProvider services, NpgsqlDataSource database, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>A sentence for a start that failed for the engine: none does.</summary>
    public static string? Explain(Exception failed) => null;

    /// <summary>Adds the way to grains of other processes.</summary>
    public static void AddClient(IHostApplicationBuilder builder, string connectionString) =>
        throw new InvalidOperationException("The in-process engine has no grains in other processes.");
}
