using LlmObserve.Api.Http;
using LlmObserve.Web;
using LlmObserve.Storage.SharedKeys;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;

namespace LlmObserve.Silo;

/// <summary>The dashboard.</summary>
internal static class WebServer
{
    public static WebApplication Build(WebApplicationBuilder builder, Uri api, DataDirectory data, SharedKeysStore? keys, TrustedProxies proxies)
    {
        // Found beside the program when it is run from its build; a published one has its files in wwwroot.
        builder.WebHost.UseStaticWebAssets();
        builder.Services.AddSingleton(TimeProvider.System);
        var protection = builder.Services.AddDataProtection().SetApplicationName("llmobserve");
        if (keys is null)
        {
            protection.PersistKeysToFileSystem(new DirectoryInfo(data.ProtectionKeys));
        }
        else
        {
            builder.Services.Configure<KeyManagementOptions>(options => options.XmlRepository = new SharedProtectionKeys(keys));
        }

        builder.Services.AddDashboard(api, ClerkSettings.Site(builder.Configuration));

        var app = builder.Build();
        proxies.Use(app);
        app.MapDashboard();
        return app;
    }
}
