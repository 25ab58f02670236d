using Npgsql;

namespace LlmObserve.Silo;

/// <summary>The API and the grains behind it.</summary>
internal static class ApiServer
{
    public static WebApplication Build(WebApplicationBuilder builder, NpgsqlDataSource database, DataDirectory data)
    {
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(database);
        builder.Services.AddSingleton(data);

        var app = builder.Build();
        return app;
    }
}
