using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace LlmObserve.Api.Http;

/// <summary>How a file is written.</summary>
internal enum FileFormat
{
    Csv,
    Json,
}

/// <summary>How the rows of a list look in a file.</summary>
/// <param name="Columns">The names of the columns of CSV.</param>
/// <param name="AddTo">Adds a row's fields to its line.</param>
internal sealed record FileColumns<T>(IReadOnlyList<string> Columns, Action<CsvLine, T> AddTo);

/// <summary>
/// A whole list as a file to keep. It is read page by page into the answer, so that memory is bounded by a page however long the list is. CSV: a line
/// for each row below the names of the columns. JSON: <c>{"items":[…],"truncated":false}</c>, the rows as in the list.
/// </summary>
/// <param name="format">CSV or JSON.</param>
/// <param name="name">The file's, without its ending.</param>
/// <param name="columns">The rows as CSV.</param>
/// <param name="pages">The rows. It begins anew with every walk.</param>
/// <param name="maxRows">Where the file is cut: its last line, or <c>truncated</c>, says so.</param>
internal sealed class ListFile<T>(FileFormat format, string name, FileColumns<T> columns, IAsyncEnumerable<IReadOnlyList<T>> pages, int maxRows) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        await using var walk = pages.GetAsyncEnumerator(httpContext.RequestAborted);

        // The first page before the first byte: what fails at once is answered with a problem.
        var hasPage = await walk.MoveNextAsync();
        var (ending, contentType) = format == FileFormat.Csv ? ("csv", CsvLine.ContentType) : ("json", MediaTypes.Json);
        httpContext.Response.ContentType = contentType;
        httpContext.Response.Headers.ContentDisposition = $"attachment; filename=\"{name}.{ending}\"";
        await (format == FileFormat.Csv ? WriteCsvAsync(httpContext, walk, hasPage) : WriteJsonAsync(httpContext, walk, hasPage));
    }

    private async Task WriteCsvAsync(HttpContext context, IAsyncEnumerator<IReadOnlyList<T>> walk, bool hasPage)
    {
        await using var writer = new StreamWriter(context.Response.Body, CsvLine.Encoding);
        await writer.WriteAsync(CsvLine.Header(columns.Columns));
        var left = maxRows;
        for (; hasPage && left >= 0; hasPage = await walk.MoveNextAsync())
        {
            foreach (var row in walk.Current.Take(left))
            {
                var line = new CsvLine();
                columns.AddTo(line, row);
                await writer.WriteAsync(line.ToString());
            }

            left -= walk.Current.Count;
            await writer.FlushAsync(context.RequestAborted);
        }

        if (left < 0)
        {
            var line = new CsvLine().Add($"cut after {maxRows.ToString(CultureInfo.InvariantCulture)} rows");
            for (var column = 1; column < columns.Columns.Count; column++)
            {
                line.Add((string?)null);
            }

            await writer.WriteAsync(line.ToString());
        }
    }

    private async Task WriteJsonAsync(HttpContext context, IAsyncEnumerator<IReadOnlyList<T>> walk, bool hasPage)
    {
        var options = context.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        var type = options.GetTypeInfo(typeof(T));
        var body = context.Response.BodyWriter;
        await using var writer = new Utf8JsonWriter(body, new JsonWriterOptions { Encoder = ApiJson.Encoder });
        writer.WriteStartObject();
        writer.WriteStartArray("items");
        var left = maxRows;
        for (; hasPage && left >= 0; hasPage = await walk.MoveNextAsync())
        {
            foreach (var row in walk.Current.Take(left))
            {
                JsonSerializer.Serialize(writer, row, type);
            }

            left -= walk.Current.Count;
            await writer.FlushAsync(context.RequestAborted);
            await body.FlushAsync(context.RequestAborted);
        }

        writer.WriteEndArray();
        writer.WriteBoolean("truncated", left < 0);
        writer.WriteEndObject();
        await writer.FlushAsync(context.RequestAborted);
        await body.FlushAsync(context.RequestAborted);
    }
}
