using LlmObserve.Web;
using Microsoft.AspNetCore.DataProtection;

namespace LlmObserve.Silo;

/// <summary>The dashboard.</summary>
internal static class WebServer
{
    public static WebApplication Build(WebApplicationBuilder builder, Uri api, DataDirectory data)
    {
        // Found beside the program when it is run from its build; a published one has its files in wwwroot.
        builder.WebHost.UseStaticWebAssets();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddDataProtection().SetApplicationName("llmobserve").PersistKeysToFileSystem(new DirectoryInfo(data.ProtectionKeys));
        builder.Services.AddDashboard(api);

        var app = builder.Build();
        app.MapDashboard();
        return app;
    }
}
