internal import GatewayAPI
internal import HTTPTypes
internal import HummingbirdCore
internal import NIOCore
internal import TextCoding

extension Response {
    /// The calls that a query lets through as comma-separated values, as `gsmbridge calls export --csv` writes them.
    ///
    /// A page of the log at a time goes out before the next is read, so that a long log is never in memory as a whole. What can't be
    /// read at once is a problem; what fails later breaks the answer off, so that nobody takes a part for the whole.
    static func csv(_ query: CallLogQuery, of control: any LocalControl) async throws -> Response {
        var query = query
        query.limit = CallLogQuery.longestPage
        let first = try await control.loggedCalls(query)
        let body = ResponseBody { [query] writer in
            let fields = CallRecord.Field.contract
            var (query, page) = (query, first)
            try await writer.write(ByteBuffer(string: CSV.line(fields.map(\.rawValue))))
            while true {
                var buffer = ByteBuffer()
                for call in page.calls { buffer.writeString(CSV.line(fields.map(call.text(of:)))) }
                try await writer.write(buffer)
                // A page that leads back to its own beginning would have no end.
                guard let next = page.next, next != query.after else { break }
                query.after = next
                page = try await control.loggedCalls(query)
            }
            try await writer.finish(nil)
        }
        var response = Response(status: .ok, headers: [.contentType: "text/csv; charset=utf-8"], body: body)
        response.headers[named: "Content-Disposition"] = "attachment; filename=\"calls.csv\""
        return response
    }
}
